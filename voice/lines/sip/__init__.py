"""Calls over SIP: a supervised process holds the stack and every call's audio; here are its lines and its far side."""
