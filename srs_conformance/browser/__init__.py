"""Real browsers as viewers: headless Chromium with the players that users have in their pages.

libraries   mpegts.js and hls.js from npm, as the lock file beside pins them
devtools    one page, over the DevTools protocol
chromium    the process, told to know no host but those that it is given
watching    a page that plays a stream, and what it saw
"""
