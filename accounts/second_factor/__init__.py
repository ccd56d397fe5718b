"""The second factor: an authenticator app, passkeys, recovery codes; the gate that asks for one.

It guards the panel alone: mail programs go on with the password.
"""
