package org.sallyport.validator;

import java.util.Set;
import java.util.concurrent.Executor;
import org.osgi.service.component.annotations.Component;
import org.sallyport.BinaryPlace;
import org.sallyport.InvalidModuleException;
import org.sallyport.MalformedModuleException;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.LoadLimits;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.BodySyntax;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.Body;

/** The validator as a service. Stateless. */
@Component
public final class ModuleValidator implements Validator {
    @Override
    public ValidModule validate(
            WasmModule module, Set<Feature> features, LoadLimits limits, CompileBudget budget, Executor executor) {
        try {
            return new ValidateModule(module, features, limits).validate(this, budget, executor);
        } catch (InvalidModuleException e) {
            // A module that is malformed anywhere is malformed, not invalid.
            checkSyntax(module);
            throw e;
        }
    }

    private static void checkSyntax(WasmModule module) {
        BodySyntax syntax = new BodySyntax(module.binary(), module.dataCount() >= 0);
        int function = module.importCount(ExternKind.FUNC);
        for (Body body : module.bodies()) {
            try {
                syntax.check(body);
            } catch (MalformedCodeException e) {
                String name = module.names().functions().get(function);
                BinaryPlace place = new BinaryPlace("code", function, name, e.offset());
                throw new MalformedModuleException(e.specText(), e.detail(), place, e.fault().advice());
            }
            function++;
        }
    }
}
