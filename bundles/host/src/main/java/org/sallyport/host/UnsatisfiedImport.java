package org.sallyport.host;

import org.sallyport.ImportType;
import org.sallyport.wasm.Printable;

/**
 * An import without a host function.
 *
 * @param reason what is missing: the grant, the service, or the function; printable
 */
public record UnsatisfiedImport(ImportType wanted, Kind kind, String reason) {
    public enum Kind {
        /** A service offers it, but no grant allows this plugin to use that service. */
        NOT_GRANTED,
        /** No service offers it. */
        NO_SERVICE,
        /** A granted service has that module, but no function of that name. */
        NO_FUNCTION,
        /** A granted service has the function with another type. */
        WRONG_TYPE,
        /** Not a function: a plugin can import functions only. */
        NOT_A_FUNCTION
    }

    public UnsatisfiedImport {
        reason = Printable.message(reason);
    }

    @Override
    public String toString() {
        return "\"" + Printable.name(wanted.module()) + "\" \"" + Printable.name(wanted.name()) + "\": " + reason;
    }
}
