"""`python -m services.cli.sample --port 0 --epoch ISO [--last-moment]`: the sample outlets alone; prints the port as a line of JSON."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from services.cli.sample import load_sample, serve
from shared.clock import now

DEFAULT_FOLDER = Path(__file__).parents[3] / "deploy" / "sample"


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=DEFAULT_FOLDER, help="The folder of outlets.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Loopback port; 0 takes a free one.")
@click.option("--epoch", default="", help="ISO 8601 moment the sample's dates count from; now where absent.")
@click.option("--last-moment", is_flag=True, help="Stand at the moment when everything has appeared.")
def main(folder: Path, port: int, epoch: str, last_moment: bool) -> None:
    """Serve the sample outlets on 127.0.0.1 until SIGTERM or SIGINT."""
    try:
        moment = datetime.fromisoformat(epoch) if epoch else now()
        sample = load_sample(folder)
    except (ValueError, OSError) as error:
        sys.exit(f"sample: {error}")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    serve(sample, port, moment, last_moment=last_moment, clock=now, ready=lambda taken: print(json.dumps({"port": taken}), flush=True))


if __name__ == "__main__":
    main()
