package org.sallyport.validator;

import java.util.Set;
import java.util.concurrent.Executor;
import org.osgi.service.component.annotations.Component;
import org.sallyport.BinaryPlace;
import org.sallyport.InvalidModuleException;
import org.sallyport.LoadLimits;
import org.sallyport.MalformedModuleException;
import org.sallyport.spi.CompileBudget;
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
    /** Bytes between two looks at the budget. */
    private static final int BETWEEN_CHECKS = 1 << 16;

    @Override
    public ValidModule validate(
            WasmModule module, Set<Feature> features, LoadLimits limits, CompileBudget budget, Executor executor) {
        try {
            return new ValidateModule(module, features, limits, budget).validate(this, executor);
        } catch (InvalidModuleException e) {
            // A module that is malformed anywhere is malformed, not invalid.
            checkSyntax(module, budget);
            throw e;
        }
    }

    private static void checkSyntax(WasmModule module, CompileBudget budget) {
        BodySyntax syntax = new BodySyntax(module.binary(), module.dataCount() >= 0);
        int function = module.importCount(ExternKind.FUNC);
        int unchecked = 0;
        for (Body body : module.bodies()) {
            unchecked += body.end() - body.start();
            if (unchecked > BETWEEN_CHECKS) {
                unchecked = 0;
                budget.check();
            }
            try {
                syntax.check(body);
            } catch (MalformedCodeException e) {
                String name = module.names().functions().get(function);
                BinaryPlace place = new BinaryPlace("code", function, name, e.offset());
                throw new MalformedModuleException(e.specText(), e.detail(), place, e.advice(), e.proposal());
            }
            function++;
        }
    }
}
