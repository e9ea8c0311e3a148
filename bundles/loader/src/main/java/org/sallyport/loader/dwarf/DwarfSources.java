package org.sallyport.loader.dwarf;

import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.DebugFiles;
import org.sallyport.SourcePosition;
import org.sallyport.spi.SourceMap;
import org.sallyport.wasm.WasmModule;

/** The source positions of a module with DWARF. What was read of it is kept as long as the Java heap has room. */
public final class DwarfSources implements SourceMap {
    private static final String EXTERNAL = "external_debug_info";

    private final WasmModule module;
    private final DebugFiles files;
    private SoftReference<DebugInfo> known = new SoftReference<>(null);
    private boolean isUnreadable;

    private DwarfSources(WasmModule module, DebugFiles files) {
        this.module = module;
        this.files = files;
    }

    /** Reads nothing yet. */
    public static SourceMap of(WasmModule module, DebugFiles files) {
        for (WasmModule.CustomSection section : module.customSections()) {
            if (section.name().equals(".debug_info") || section.name().equals(EXTERNAL)) {
                return new DwarfSources(module, files);
            }
        }
        return SourceMap.NONE;
    }

    @Override
    public synchronized List<SourcePosition> find(int offset) {
        long address = (long) offset - module.codeSection().start();
        if (address < 0 || address >= module.codeSection().length() || isUnreadable) {
            return List.of();
        }
        try {
            DebugInfo info = known.get();
            if (info == null) {
                info = read();
                known = new SoftReference<>(info);
            }
            return info == null ? List.of() : List.copyOf(info.find(address));
        } catch (DwarfException e) {
            return List.of();
        } catch (OutOfMemoryError | StackOverflowError e) { // positions are not worth more than what they explain
            known = new SoftReference<>(null);
            return List.of();
        }
    }

    private @Nullable DebugInfo read() {
        DwarfSections own = DwarfSections.of(module);
        if (own.has(".debug_info")) {
            return new DebugInfo(own, files);
        }
        try {
            DwarfReader external = own.open(EXTERNAL);
            byte[] name = new byte[(int) Math.min(external.uleb(), external.size() - external.position())];
            for (int i = 0; i < name.length; i++) {
                name[i] = (byte) external.u8();
            }
            byte[] file = files.read(new String(name, StandardCharsets.UTF_8));
            if (file != null) {
                return new DebugInfo(DwarfSections.of(file), files);
            }
        } catch (IOException | DwarfException e) {
            // as if there were none
        }
        isUnreadable = true;
        return null;
    }
}
