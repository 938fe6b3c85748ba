"""The 95598 hotline simulator: the parts that are not the IVR, the agents, the menus or the audio."""
