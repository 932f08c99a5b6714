"""Finds identities in text: a linear classifier of tokens, trained on sentences that Faker fills."""

from models.identity_masker.masker import IdentityMasker

MODEL = IdentityMasker()
