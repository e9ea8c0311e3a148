package org.sallyport.host;

/** Where a plugin stands. */
public enum PluginState {
    /** Some import is not bound; {@link Plugin#unsatisfied} says which and why. Its services are not registered. */
    UNSATISFIED,
    /** All imports are bound and its services are registered. */
    ACTIVE,
    /** It trapped too often and was taken out of service; it starts anew when its grants change or it is updated. */
    QUARANTINED,
    UNINSTALLED
}
