package org.sallyport.text.wast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a script does with an instance; null is the latest one. */
public sealed interface Action {
    @Nullable String instance();

    /** The name of the export. */
    String export();

    record Invoke(@Nullable String instance, String export, List<Value> arguments) implements Action {
        public Invoke {
            arguments = List.copyOf(arguments);
        }
    }

    /** Reads a global. */
    record Get(@Nullable String instance, String export) implements Action {}
}
