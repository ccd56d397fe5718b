"""`python -m mailhost --config PATH`: the privileged helper.

Requests on standard input, replies on standard output.
"""

import argparse
import sys
import time

from mailhost import server, trash_timer
from mailhost.config import Config
from mailhost.errors import HelperError
from mailhost.state import State


def main(arguments: list[str] | None = None) -> int:
    """Read the configuration and serve; 2 when the configuration is refused."""
    parser = argparse.ArgumentParser(
        prog="mailhost", description="The privileged helper of VQWeb on the mail host."
    )
    parser.add_argument("--config", default="/etc/vqweb/helper.conf", help="the configuration (INI)")
    parser.add_argument("--listen", metavar="SOCKET", help="serve a Unix socket, one process per connection")
    parser.add_argument(
        "--empty-trash", action="store_true", help="remove parked mail that was kept long enough"
    )
    options = parser.parse_args(arguments)
    try:
        config = Config.load(options.config)
        server.start_log(to_stderr=sys.stderr.isatty())
        if options.empty_trash:
            return trash_timer.empty(config, State(config.state), time.time())
        if options.listen:
            server.listen(config, options.listen)
        else:
            server.serve_stdin(config)
    except HelperError as error:
        print(error.message, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or 'The helper'}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
