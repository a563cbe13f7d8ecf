"""The site that is built from the documents: what mkdocs.yml does not say by itself.

hooks.py        what mkdocs calls
catalogues.py   the pages of requirements, faults and decisions, made from the code and the tree as they are
places.py       which file of the project becomes which page, and links between them
outside.py      what a page would load from other hosts: nothing
"""
