"""Files that survive a crash: whole writes, locks, the trash, the user's folder, checksums."""
