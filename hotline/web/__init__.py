"""The FastAPI application and its NiceGUI pages."""
