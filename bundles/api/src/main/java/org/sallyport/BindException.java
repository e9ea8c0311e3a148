package org.sallyport;

import java.util.List;
import org.sallyport.wasm.Printable;

/** An interface does not fit an instance's exports. Lists every method that does not. */
public final class BindException extends SallyportException {
    private static final long serialVersionUID = 1;

    private final transient List<String> mismatches;

    public BindException(Class<?> contract, String module, List<String> mismatches) {
        super(contract.getName() + " does not fit " + Printable.name(module) + ":\n  " + String.join("\n  ", mismatches), null);
        this.mismatches = List.copyOf(mismatches);
    }

    public List<String> mismatches() {
        return mismatches;
    }
}
