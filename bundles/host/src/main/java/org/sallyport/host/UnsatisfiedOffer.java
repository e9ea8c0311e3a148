package org.sallyport.host;

import org.sallyport.wasm.Printable;

/**
 * A Java interface under which a plugin wants to be a service and may not.
 *
 * @param service name of the interface
 * @param reason what is missing, and the configuration that would do; printable
 */
public record UnsatisfiedOffer(String service, Kind kind, String reason) {
    public enum Kind {
        /** No grant offers it. */
        NOT_GRANTED,
        /** An interface of the JDK, the framework or Sallyport. */
        NEVER
    }

    public UnsatisfiedOffer {
        reason = Printable.message(reason);
    }

    @Override
    public String toString() {
        return "service " + service + ": " + reason;
    }
}
