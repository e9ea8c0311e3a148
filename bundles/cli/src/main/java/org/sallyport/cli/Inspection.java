package org.sallyport.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.Module;
import org.sallyport.SallyportException;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.ModuleDescription;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.Proposal;
import org.sallyport.wasm.WasmModule;

/**
 * What there is to say of a module, whether or not it can be used.
 *
 * @param backEnd which back end made the code, or would have
 * @param features of a module that is valid those that the validator saw, else those that signs were seen of
 * @param refusal why it cannot be used, or null if it can
 * @param compiled null if it was not compiled
 */
record Inspection(
        String file,
        String name,
        String backEnd,
        ModuleDescription description,
        List<String> features,
        List<Port> imports,
        List<Port> exports,
        Support support,
        @Nullable SallyportException refusal,
        @Nullable CompiledModule compiled) {

    /**
     * An import or an export.
     *
     * @param module empty for exports
     */
    record Port(String module, String name, String type) {}

    /**
     * A function with a body.
     *
     * @param nativeBytes 0 if it was not compiled
     */
    record FunctionSize(int index, String name, int wasmBytes, int nativeBytes) {}

    static Inspection of(String file, String backEnd, Module module, Support support) {
        return new Inspection(
                file,
                module.name(),
                backEnd,
                Parts.describe(module.validModule().module().binary()),
                module.validModule().features().stream().map(Proposal::text).toList(),
                Ports.imports(module.validModule().module()),
                Ports.exports(module.validModule().module()),
                support,
                null,
                Parts.machineCodeIfAny(module));
    }

    static Inspection refused(ModuleFile source, String backEnd, SallyportException refusal, Support support) {
        ModuleDescription description = Parts.describe(source.binary());
        WasmModule found = description.found();
        String own = found.names().module();
        return new Inspection(
                source.name(),
                own == null || own.isEmpty() ? source.shortName() : own,
                backEnd,
                description,
                description.needs().stream().map(need -> need.proposal().text()).distinct().toList(),
                Ports.imports(found),
                Ports.exports(found),
                support,
                refusal,
                null);
    }

    WasmModule module() {
        return description.found();
    }

    /** All functions with bodies, the largest machine code first. */
    List<FunctionSize> functions() {
        WasmModule module = module();
        int imported = module.importCount(ExternKind.FUNC);
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
        for (WasmModule.Export export : module().exports()) {
            if (export.kind() == ExternKind.FUNC) {
                names.putIfAbsent(export.index(), export.name());
            }
        }
        return names;
    }

    /** How many there are of what. */
    Map<String, Integer> counts() {
        WasmModule module = module();
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

    /** What keeps the module from running as far as proposals are concerned, with the places that need it. */
    Map<Proposal, List<ModuleDescription.Need>> missing() {
        Map<Proposal, List<ModuleDescription.Need>> missing = new LinkedHashMap<>();
        for (ModuleDescription.Need need : description.needs()) {
            if (refusal != null && !support.isWhole(need.proposal())) {
                missing.computeIfAbsent(need.proposal(), _ -> new ArrayList<>()).add(need);
            }
        }
        return missing;
    }
}
