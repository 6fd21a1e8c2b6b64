"""The subjects, what takes least time first."""

from . import accuracy, beam, context, exactness, forgetting, levels, rates, sample, search, store

SUBJECTS = (rates.SUBJECT, levels.SUBJECT, store.SUBJECT, exactness.SUBJECT, search.SUBJECT, sample.SUBJECT,
            context.SUBJECT, forgetting.SUBJECT, accuracy.SUBJECT, beam.SUBJECT)
