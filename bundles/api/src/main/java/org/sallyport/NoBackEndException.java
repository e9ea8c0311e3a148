package org.sallyport;

import java.util.List;

/** There is no back end that could run modules in this process. */
public final class NoBackEndException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private final List<String> unusable;

    /** @param unusable targets of the back ends that are there but cannot run here */
    public NoBackEndException(List<String> unusable) {
        super(unusable.isEmpty()
                ? "there is no back end: add org.sallyport:sallyport, which has all parts, or org.sallyport:org.sallyport.codegen"
                : "no back end can run in this process; there are only those for " + String.join(", ", unusable));
        this.unusable = List.copyOf(unusable);
    }

    /** Targets of the back ends that are there. */
    public List<String> unusable() {
        return unusable;
    }
}
