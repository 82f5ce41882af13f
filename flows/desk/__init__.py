"""Skrivbordet: the pages by which people do the whole job, and who may do what."""
