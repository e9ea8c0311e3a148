package org.sallyport.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException;
import org.sallyport.ImportType;
import org.sallyport.LinkException;
import org.sallyport.LinkException.Gap;
import org.sallyport.wasm.Printable;

/**
 * Looks up the imports of one module. A module may have a million of them, none of which is there: what is said of a
 * gap costs little, and beyond the gaps that an error shows and lists, nothing.
 */
final class Resolution {
    /** The module of WASI preview 1, which is another bundle's. */
    private static final String WASI = "wasi_snapshot_preview1";

    /** Imports between two looks at the deadline. */
    private static final int BETWEEN_CHECKS = 1024;

    private final ModuleImpl module;
    private final Map<String, Map<String, Object>> definitions;
    private final ImportMatch match;
    private final Suggestion suggestion = new Suggestion();
    private final List<Object> bound = new ArrayList<>();
    private final List<Gap> gaps = new ArrayList<>();
    private int gapCount;

    /** @param definitions by module and name: {@link HostEntry} or {@link org.sallyport.Extern} */
    Resolution(EngineImpl engine, ModuleImpl module, Map<String, Map<String, Object>> definitions) {
        this.module = module;
        this.definitions = definitions;
        match = new ImportMatch(engine);
    }

    /**
     * @throws LinkException if anything is missing or does not fit
     * @throws GuestInterruptedException if the deadline of the thread's {@link CallContext} passes
     */
    void run() {
        List<ImportType> imports = module.imports();
        CallContext context = CallContext.current();
        for (int i = 0; i < imports.size(); i++) {
            if (i % BETWEEN_CHECKS == 0 && context != null && context.remainingNanos() <= 0) {
                throw new GuestInterruptedException(GuestInterruptedException.Reason.DEADLINE, List.of());
            }
            resolve(i, imports.get(i));
        }
        if (gapCount > 0) {
            throw new LinkException(module.name(), gaps, gapCount);
        }
    }

    /** What the imports stand for, in their order. */
    List<Object> bound() {
        return List.copyOf(bound);
    }

    private void resolve(int index, ImportType wish) {
        Object found = definitions.getOrDefault(wish.module(), Map.of()).get(wish.name());
        if (found != null && match.fits(module, index, found)) {
            if (gapCount == 0) {
                bound.add(match.as(module, index, found));
            }
            return;
        }
        gapCount++;
        if (gaps.size() < LinkException.MAX_GAPS) {
            boolean shown = gaps.size() < LinkException.SHOWN;
            gaps.add(found == null
                    ? new Gap(wish, null, shown ? hint(wish) : "")
                    : new Gap(wish, ImportMatch.describe(found), shown ? match.difference(module, index, found) : ""));
        }
    }

    private String hint(ImportType wish) {
        Map<String, Object> names = definitions.get(wish.module());
        if (names != null) {
            String near = suggestion.nearest(wish.name(), names.keySet());
            if (!near.isEmpty()) {
                return "did you mean \"" + Printable.name(near) + "\"?";
            }
        }
        for (Map.Entry<String, Map<String, Object>> other : definitions.entrySet()) {
            if (other.getValue().containsKey(wish.name())) {
                return "module \"" + Printable.name(other.getKey()) + "\" has a \"" + Printable.name(wish.name())
                        + "\"";
            }
        }
        if (names == null && wish.module().equals(WASI)) {
            return "WASI is not there by itself: Wasi.defaults().addTo(linker), of org.sallyport:org.sallyport.wasi";
        }
        return names != null
                ? ""
                : "nothing is defined in module \"" + Printable.name(wish.module()) + "\""
                        + suggestion.from(wish.module(), definitions.keySet());
    }
}
