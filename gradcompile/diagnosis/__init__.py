"""The hand-derivation checker: verdicts on claims, and of what is refuted the single repair that makes it true."""

from gradcompile.diagnosis.candidates import Case
from gradcompile.diagnosis.claimed import with_claims
from gradcompile.diagnosis.diagnose import diagnose
from gradcompile.diagnosis.hints import hinted
from gradcompile.diagnosis.judge import judge
from gradcompile.diagnosis.report import Diagnosis
from gradcompile.diagnosis.values import judge_values

__all__ = ["Case", "Diagnosis", "diagnose", "hinted", "judge", "judge_values", "with_claims"]
