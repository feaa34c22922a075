"""The hand-derivation checker: verdicts on claims, and of what is refuted the single repair that makes it true."""

from gradcompile.diagnosis.candidates import Case
from gradcompile.diagnosis.diagnose import diagnose
from gradcompile.diagnosis.judge import judge
from gradcompile.diagnosis.report import Diagnosis

__all__ = ["Case", "Diagnosis", "diagnose", "judge"]
