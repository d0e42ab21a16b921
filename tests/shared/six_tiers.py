"""The policy of the tests and of the bench: the six tiers, from 200 to 3,000 yuan a month."""


def policy_text(version: str, effective_at: str) -> str:
    """Write it as a policy file."""
    return f"""\
version: {version}
effective_at: {effective_at}
billing: {{zone: Asia/Shanghai, anchor_day: 1, grace_hours: 48}}
tiers:
  - {{code: C1, floor_fen: 300000}}
  - {{code: C2, floor_fen: 150000}}
  - {{code: C3, floor_fen: 80000}}
  - {{code: C4, floor_fen: 50000}}
  - {{code: C5, floor_fen: 30000}}
  - {{code: C6, floor_fen: 20000}}
"""
