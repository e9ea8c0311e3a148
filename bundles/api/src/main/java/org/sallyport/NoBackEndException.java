package org.sallyport;

import java.util.List;

/** There is no back end that could run modules in this process. */
public final class NoBackEndException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private final List<String> unusable;

    /** @param unusable targets of the back ends that are there but cannot run here, or are not of the kind */
    public NoBackEndException(BackEndKind kind, List<String> unusable) {
        super(unusable.isEmpty()
                ? "there is no back end: add org.sallyport:sallyport, which has all parts, or org.sallyport:org.sallyport.codegen"
                : what(kind) + " can run in this process; there are only back ends for " + String.join(", ", unusable));
        this.unusable = List.copyOf(unusable);
    }

    private static String what(BackEndKind kind) {
        return switch (kind) {
            case AUTOMATIC -> "no back end";
            case NATIVE -> "no machine code, which the configuration asks for and Java may forbid unless started with"
                    + " --enable-native-access=ALL-UNNAMED,";
            case PORTABLE -> "no portable back end, which the configuration asks for,";
        };
    }

    /** Targets of the back ends that are there. */
    public List<String> unusable() {
        return unusable;
    }
}
