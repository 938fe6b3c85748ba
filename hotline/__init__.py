"""The 95598 hotline simulator: all but the IVR, the agents, the menus and the audio."""
