#!/usr/bin/env python3
"""Django's command line for the panel."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vqweb.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from audit.privilege import drop_root

    try:
        if not any(word.startswith("--settings") for word in sys.argv):  # which Django reads first
            drop_root()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))  # a bad setting: the sentence names it


if __name__ == "__main__":
    main()
