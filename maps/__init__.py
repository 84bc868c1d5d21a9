"""Maps and tables that people read: single offline files, spreadsheets. No analysis here."""
