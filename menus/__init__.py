"""Menu books: what the hotline says and offers, as data that QA engineers and trainers can edit."""
