package org.sallyport.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.cli.Inspection.FunctionSize;
import org.sallyport.cli.Inspection.Port;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.ModuleDescription;
import org.sallyport.spi.ModuleDescription.Need;
import org.sallyport.wasm.Printable;
import org.sallyport.wasm.Proposal;
import org.sallyport.wasm.WasmModule;

/** An {@link Inspection} for people. */
final class InspectionText {
    private final Inspection inspection;
    private final int most;
    private final StringBuilder out = new StringBuilder();

    private InspectionText(Inspection inspection, int most) {
        this.inspection = inspection;
        this.most = most;
    }

    /** @param most functions to list; fewer if there are fewer */
    static String of(Inspection inspection, int most) {
        return new InspectionText(inspection, most).text();
    }

    private String text() {
        WasmModule module = inspection.module();
        List<String> features = inspection.features();
        line("%s: module \"%s\", %,d bytes", inspection.file(), Printable.name(inspection.name()), module.binary().length);
        line("back end: %s", inspection.backEnd());
        line("features: %s", features.isEmpty() ? "of the first version" : String.join(", ", features));
        missing();
        faults();
        sections();
        line("");
        line("defines:");
        inspection.counts().forEach((what, n) -> {
            if (n > 0) {
                line("  %-24s %,12d", what, n);
            }
        });
        if (module.start() != WasmModule.NO_START) {
            line("  start function: %s", Printable.name(module.names().function(module.start())));
        }
        list("imports:", inspection.imports());
        list("exports:", inspection.exports());
        functions();
        return out.toString();
    }

    private void sections() {
        line("");
        line("sections:");
        for (ModuleDescription.Section section : inspection.description().sections()) {
            line("  %-24s %,12d bytes  at 0x%x", Printable.name(section.name()), section.bytes(), section.offset());
        }
    }

    private void missing() {
        for (Map.Entry<Proposal, List<Need>> entry : inspection.missing().entrySet()) {
            List<Need> needs = entry.getValue();
            line("");
            line("needs %s: %s", entry.getKey().text(), inspection.support().state(entry.getKey()));
            for (Need need : needs.subList(0, Math.min(most, needs.size()))) {
                line("  %s: %s", need.place(), Printable.name(need.what()));
            }
            more(needs.size());
        }
    }

    private void faults() {
        List<ModuleDescription.Fault> faults = inspection.description().faults();
        if (faults.isEmpty()) {
            return;
        }
        line("");
        line("could not be read from there on:");
        for (ModuleDescription.Fault fault : faults.subList(0, Math.min(most, faults.size()))) {
            line("  %s: %s", fault.place(), Printable.name(fault.what()));
        }
        more(faults.size());
    }

    private void list(String title, List<Port> ports) {
        if (!ports.isEmpty()) {
            line("");
            line(title);
            for (Port port : ports) {
                String module = title.startsWith("imports") ? "\"" + Printable.name(port.module()) + "\" " : "";
                line("  %s\"%s\": %s", module, Printable.name(port.name()), port.type());
            }
        }
    }

    private void functions() {
        List<FunctionSize> all = inspection.functions();
        if (all.isEmpty()) {
            return;
        }
        @Nullable CompiledModule compiled = inspection.compiled();
        long wasm = all.stream().mapToLong(FunctionSize::wasmBytes).sum();
        line("");
        if (compiled == null) {
            line("code: %,d bytes of wasm", wasm);
        } else {
            int code = compiled.code().length;
            double ratio = code / (double) Math.max(1, wasm);
            line("code: %,d bytes of wasm, %,d bytes native (%.2f times)", wasm, code, ratio);
        }
        line("  %8s %10s %10s  %s", "index", "wasm", "native", "function");
        for (FunctionSize f : all.subList(0, Math.min(most, all.size()))) {
            line("  %8d %,10d %,10d  %s", f.index(), f.wasmBytes(), f.nativeBytes(), Printable.name(f.name()));
        }
        more(all.size());
    }

    private void more(int all) {
        if (most < all) {
            line("  … and %,d more (--functions lists all)", all - most);
        }
    }

    private void line(String format, @Nullable Object... args) {
        out.append(args.length == 0 ? format : String.format(Locale.ROOT, format, args)).append('\n');
    }
}
