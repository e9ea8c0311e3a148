package org.sallyport.itests.support.random;

import java.util.List;

/** Parameter and result types in the text format. */
public record Signature(List<String> params, List<String> results) {
    static final Signature NONE = new Signature(List.of(), List.of());

    /** {@code  (param i32) (result i64)}, with a blank in front; empty if there are none. */
    String text() {
        return list("param", params) + list("result", results);
    }

    static String list(String what, List<String> types) {
        return types.isEmpty() ? "" : " (" + what + " " + String.join(" ", types) + ")";
    }

    /** Whether the host can give and take all of it as numbers. */
    boolean isNumeric() {
        return Draft.SCALARS.containsAll(params) && Draft.SCALARS.containsAll(results);
    }
}
