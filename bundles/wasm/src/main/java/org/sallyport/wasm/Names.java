package org.sallyport.wasm;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code name} section (WebAssembly 3.0, appendix 7.4) as far as messages and backtraces use it. A malformed name
 * section is ignored, as the specification asks.
 *
 * @param module null when the section does not name the module
 * @param functions by function index
 */
public record Names(@Nullable String module, Map<Integer, String> functions) {
    public static final Names NONE = new Names(null, Map.of());

    /** The function's name, or {@code func[index]}. */
    public String function(int index) {
        String name = functions.get(index);
        return name != null ? name : "func[" + index + "]";
    }
}
