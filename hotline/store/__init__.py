"""What is kept: the journal, the call rows and the business records, through SQLAlchemy."""
