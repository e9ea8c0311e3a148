package org.sallyport.host;

import java.util.List;

/** A plugin was called while it was not active. */
public final class PluginUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient List<UnsatisfiedImport> unsatisfied;

    public PluginUnavailableException(String message, List<UnsatisfiedImport> unsatisfied) {
        super(message);
        this.unsatisfied = List.copyOf(unsatisfied);
    }

    /** @param cause why no instance could be made */
    public PluginUnavailableException(String message, Throwable cause) {
        super(message, cause);
        this.unsatisfied = List.of();
    }

    public List<UnsatisfiedImport> unsatisfied() {
        return unsatisfied;
    }
}
