"""Rules gone wrong on purpose: the fixed streams must tell each from the contract.

Those of the engine stand in `engine_mutants`. `ORACLE_MUTANTS` change the oracle itself, which shows that the streams
reach the corner in question, whatever the engine does.
"""

from tests.oracle import mutants_of_money, mutants_of_tiers, mutants_of_time

ORACLE_MUTANTS = mutants_of_money.MUTANTS + mutants_of_tiers.MUTANTS + mutants_of_time.MUTANTS
