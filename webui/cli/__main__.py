"""Lets ``python -m webui.cli`` run the command line."""

from webui.cli import main

raise SystemExit(main())
