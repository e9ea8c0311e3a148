package org.sallyport.host;

/** Where a plugin stands. */
public enum PluginState {
    /** It is no plugin yet, but a {@link PluginCandidate}: its module is being compiled. */
    COMPILING,
    /** It is no plugin, but a {@link PluginCandidate}: its module or manifest is broken, or asks for what cannot be. */
    REFUSED,
    /**
     * It is an update that asks for what is not granted, or not there: it takes the place of what is in service when grant and
     * service appear.
     */
    WAITING,
    /**
     * Some import is not bound, {@link Plugin#unsatisfied} says which and why; or it may not offer what it asks to, {@link
     * Plugin#unsatisfiedOffers}. Its services are not registered.
     */
    UNSATISFIED,
    /**
     * All imports are bound; its first instance is being made, and its calls are prepared. Calls wait for it. Its services
     * are not registered yet.
     */
    STARTING,
    /** All imports are bound and its services are registered. */
    ACTIVE,
    /**
     * It trapped too often, or could not be started, and was taken out of service; it starts anew when its grants change,
     * or it is restarted or updated.
     */
    QUARANTINED,
    /**
     * Another plugin holds its id; {@link Plugin#conflict} says which. It has no rights and no services, and takes over
     * when the other one goes, or when a grant says that the id is its own ({@link Grant#confirms}).
     */
    CONFLICT,
    UNINSTALLED
}
