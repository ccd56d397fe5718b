"""The report about all accounts: which are nearly full, not in use, closed, in charge, or badly kept.

A command prepares it (`manage.py account_reports`, each night); pages read it and say how old it is.
"""
