package org.sallyport.engine.code;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

import org.sallyport.spi.CodeGenerator;
import org.sallyport.wasm.FuncType;

/**
 * Bytes of trampolines, which do not depend on where they lie: those of the usual shapes are made once and copied into
 * each module that needs them. What is kept is bounded, whatever modules ask for. Thread-safe.
 */
final class TrampolineCode {
    private static final int MOST = 256;
    private static final int LONGEST_SHAPE = 24;

    private final CodeGenerator generator;
    private final Map<String, byte[]> entries = new Recent();
    private final Map<String, byte[]> hosts = new Recent();

    /** The least recently used goes first. */
    private static final class Recent extends LinkedHashMap<String, byte[]> {
        private static final long serialVersionUID = 1;

        Recent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, byte[]> eldest) {
            return size() > MOST;
        }
    }

    TrampolineCode(CodeGenerator generator) {
        this.generator = generator;
    }

    /** @param shape of the type */
    byte[] entry(String shape, FuncType type) {
        return known(entries, shape, type, generator::entryTrampoline);
    }

    /** @param shape of the type */
    byte[] host(String shape, FuncType type) {
        return known(hosts, shape, type, generator::hostTrampoline);
    }

    private static byte[] known(
            Map<String, byte[]> recent, String shape, FuncType type, Function<FuncType, byte[]> generator) {
        if (shape.length() > LONGEST_SHAPE) {
            return generator.apply(type);
        }
        synchronized (recent) {
            byte[] code = recent.get(shape);
            if (code == null) {
                code = generator.apply(type);
                recent.put(shape, code);
            }
            return code;
        }
    }
}
