package org.sallyport.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.SallyportException;
import org.sallyport.spi.ModuleDescription.Need;
import org.sallyport.wasm.Proposal;
import org.sallyport.wasm.WasmModule;

/** An {@link Inspection} for programs. */
final class InspectionJson {
    private InspectionJson() {}

    /** @param most functions to list */
    static Map<String, @Nullable Object> of(Inspection inspection, int most) {
        WasmModule module = inspection.module();
        SallyportException refusal = inspection.refusal();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("file", inspection.file());
        json.put("name", inspection.name());
        json.put("bytes", module.binary().length);
        json.put("backEnd", inspection.backEnd());
        json.put("refused", refusal == null ? null : Wording.ofCommandLine(String.valueOf(refusal.getMessage())));
        json.put("features", inspection.features());
        json.put("missing", inspection.missing().entrySet().stream()
                .map(e -> object("proposal", e.getKey().text(), "state", state(inspection, e.getKey()),
                        "needs", e.getValue().stream().map(InspectionJson::need).toList()))
                .toList());
        json.put("faults", inspection.description().faults().stream()
                .map(f -> object("what", f.what(), "place", f.place().toString(), "offset", f.place().offset()))
                .toList());
        json.put("sections", inspection.description().sections().stream()
                .map(s -> object("name", s.name(), "offset", s.offset(), "bytes", s.bytes()))
                .toList());
        json.put("defines", inspection.counts());
        json.put("start", module.start() == WasmModule.NO_START ? null : module.start());
        json.put("imports", inspection.imports().stream()
                .map(i -> object("module", i.module(), "name", i.name(), "type", i.type()))
                .toList());
        json.put("exports", inspection.exports().stream()
                .map(e -> object("name", e.name(), "type", e.type()))
                .toList());
        json.put("nativeBytes", inspection.compiled() == null ? null : inspection.compiled().code().length);
        json.put("functions", inspection.functions().stream()
                .limit(most)
                .map(f -> object(
                        "index", f.index(), "name", f.name(),
                        "wasmBytes", f.wasmBytes(), "nativeBytes", f.nativeBytes()))
                .toList());
        return json;
    }

    private static String state(Inspection inspection, Proposal proposal) {
        return inspection.support().state(proposal);
    }

    private static Map<String, @Nullable Object> need(Need need) {
        return object(
                "function", need.function() < 0 ? null : need.function(),
                "place", need.place().toString(),
                "what", need.what());
    }

    private static Map<String, @Nullable Object> object(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return object;
    }
}
