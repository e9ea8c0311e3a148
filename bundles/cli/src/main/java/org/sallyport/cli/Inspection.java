package org.sallyport.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.ExportType;
import org.sallyport.ImportType;
import org.sallyport.Module;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.Printable;
import org.sallyport.wasm.WasmModule;

/**
 * What there is to say of a module.
 *
 * @param backEnd which back end made the code, or why none did
 * @param compiled null if it was not compiled
 */
record Inspection(
        String file,
        String name,
        String backEnd,
        ValidModule valid,
        List<ImportType> imports,
        List<ExportType> exports,
        @Nullable CompiledModule compiled) {

    /**
     * A function with a body.
     *
     * @param nativeBytes 0 if it was not compiled
     */
    record FunctionSize(int index, String name, int wasmBytes, int nativeBytes) {}

    static Inspection of(String file, String backEnd, Module module) {
        return new Inspection(
                file,
                module.name(),
                backEnd,
                module.validModule(),
                module.imports(),
                module.exports(),
                module.compiledModule());
    }

    /** All functions with bodies, the largest machine code first. */
    List<FunctionSize> functions() {
        WasmModule module = valid.module();
        int imported = valid.spaces().importedFuncs();
        Map<Integer, String> exported = exportedFunctions();
        List<FunctionSize> sizes = new ArrayList<>();
        for (int i = 0; i < module.bodies().size(); i++) {
            WasmModule.Body body = module.bodies().get(i);
            int code = compiled == null ? 0 : compiled.functionEnd(i) - compiled.functionStart(i);
            int index = imported + i;
            String known = module.names().functions().get(index);
            String shown = known != null ? known : exported.getOrDefault(index, "func[" + index + "]");
            sizes.add(new FunctionSize(index, shown, body.end() - body.start(), code));
        }
        sizes.sort(Comparator.comparingInt(FunctionSize::nativeBytes)
                .thenComparing(FunctionSize::wasmBytes)
                .reversed()
                .thenComparing(FunctionSize::index));
        return sizes;
    }

    private Map<Integer, String> exportedFunctions() {
        Map<Integer, String> names = new HashMap<>();
        for (WasmModule.Export export : valid.module().exports()) {
            if (export.kind() == ExternKind.FUNC) {
                names.putIfAbsent(export.index(), export.name());
            }
        }
        return names;
    }

    /** How many there are of what. */
    private Map<String, Integer> counts() {
        WasmModule module = valid.module();
        Map<String, Integer> counts = new LinkedHashMap<>();
        counts.put("types", module.types().size());
        counts.put("functions", module.bodies().size());
        counts.put("tables", module.tables().size());
        counts.put("memories", module.memories().size());
        counts.put("globals", module.globals().size());
        counts.put("tags", module.tags().size());
        counts.put("element segments", module.elements().size());
        counts.put("data segments", module.data().size());
        return counts;
    }

    private List<String> features() {
        return valid.features().stream().map(EngineOptions::name).toList();
    }

    // ---- text

    /** @param most functions to list; fewer if there are fewer */
    String text(int most) {
        StringBuilder out = new StringBuilder();
        WasmModule module = valid.module();
        line(out, "%s: module \"%s\", %,d bytes", Printable.name(file), name, module.binary().length);
        line(out, "back end: %s", backEnd);
        line(out, "features: %s", features().isEmpty() ? "of the first version" : String.join(" ", features()));
        line(out, "");
        line(out, "sections:");
        for (Sections.Section section : Sections.of(module.binary())) {
            line(out, "  %-24s %,12d bytes  at 0x%x", Printable.name(section.name()), section.bytes(), section.offset());
        }
        line(out, "");
        line(out, "defines:");
        counts().forEach((what, n) -> {
            if (n > 0) {
                line(out, "  %-24s %,12d", what, n);
            }
        });
        if (module.start() != WasmModule.NO_START) {
            line(out, "  start function: %s", Printable.name(module.names().function(module.start())));
        }
        list(out, "imports:", imports);
        list(out, "exports:", exports);
        functionsText(out, most);
        return out.toString();
    }

    private static void list(StringBuilder out, String title, List<?> elements) {
        if (!elements.isEmpty()) {
            line(out, "");
            line(out, title);
            elements.forEach(element -> line(out, "  %s", element));
        }
    }

    private void functionsText(StringBuilder out, int most) {
        List<FunctionSize> all = functions();
        if (all.isEmpty()) {
            return;
        }
        long wasm = all.stream().mapToLong(FunctionSize::wasmBytes).sum();
        line(out, "");
        if (compiled == null) {
            line(out, "code: %,d bytes of wasm", wasm);
        } else {
            int code = compiled.code().length;
            double ratio = code / (double) Math.max(1, wasm);
            line(out, "code: %,d bytes of wasm, %,d bytes native (%.2f times)", wasm, code, ratio);
        }
        line(out, "  %8s %10s %10s  %s", "index", "wasm", "native", "function");
        for (FunctionSize f : all.subList(0, Math.min(most, all.size()))) {
            line(out, "  %8d %,10d %,10d  %s", f.index(), f.wasmBytes(), f.nativeBytes(), Printable.name(f.name()));
        }
        if (most < all.size()) {
            line(out, "  … and %,d more (--functions lists all)", all.size() - most);
        }
    }

    private static void line(StringBuilder out, String format, Object... args) {
        out.append(args.length == 0 ? format : String.format(Locale.ROOT, format, args)).append('\n');
    }

    // ---- JSON

    /** @param most functions to list */
    Map<String, @Nullable Object> json(int most) {
        WasmModule module = valid.module();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("file", file);
        json.put("name", name);
        json.put("bytes", module.binary().length);
        json.put("backEnd", backEnd);
        json.put("features", features());
        json.put("sections", Sections.of(module.binary()).stream()
                .map(s -> object("name", s.name(), "offset", s.offset(), "bytes", s.bytes()))
                .toList());
        json.put("defines", counts());
        json.put("start", module.start() == WasmModule.NO_START ? null : module.start());
        json.put("imports", imports.stream()
                .map(i -> object("module", i.module(), "name", i.name(), "type", i.type().toString()))
                .toList());
        json.put("exports", exports.stream()
                .map(e -> object("name", e.name(), "type", e.type().toString()))
                .toList());
        json.put("nativeBytes", compiled == null ? null : compiled.code().length);
        json.put("functions", functions().stream()
                .limit(most)
                .map(f -> object(
                        "index", f.index(), "name", f.name(),
                        "wasmBytes", f.wasmBytes(), "nativeBytes", f.nativeBytes()))
                .toList());
        return json;
    }

    private static Map<String, Object> object(Object... namesAndValues) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return object;
    }
}
