"""`stream-app policy`: look at policy files before they decide anything."""

from pathlib import Path

import click

from stream_app.commands.common import load_policies, worded
from stream_app.core.policy import Policy


@click.group()
def policy() -> None:
    """Look at policy files."""


@policy.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE..."
)
@worded
def check(files: tuple[Path, ...]) -> None:
    """Check policy files, alone and together as versions of one policy, and show what they say.

    \b
    Example:
      stream-app policy check deploy/policies/default.yaml
    """
    for found in sorted(load_policies(files), key=lambda each: each.effective_at):
        click.echo(_words(found))


def _words(found: Policy) -> str:
    billing, rules = found.billing, found.tier_policy
    months = (
        f"months start on day {billing.anchor_day} in {billing.zone}, close {billing.grace_hours} h after their end, "
        f"and can be corrected until {billing.correctable_months} more have closed"
    )
    keeping = (
        f"a tier is lost after {rules.closes_to_downgrade} close(s) below its floor; "
        f"contract {'required' if rules.contract_required else 'not required'}; "
        f"arrears suspend {rules.arrears_grace_days} days after the due date"
    )
    lines = [
        f"{found.version}, in force from {found.effective_at.isoformat()}",
        f"  {months}",
        f"  {keeping}",
        *(
            f"  {tier.code:<10} from {tier.floor_fen / 100:>10,.2f} yuan a month{f'  {tier.card}' if tier.card else ''}"
            for tier in found.tiers
        ),
    ]
    return "\n".join(lines)
