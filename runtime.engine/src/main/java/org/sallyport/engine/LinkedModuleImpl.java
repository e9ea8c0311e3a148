package org.sallyport.engine;

import java.util.List;

import org.sallyport.Extern;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Store;
import org.sallyport.engine.events.FlightEvents;

/**
 * A module with what its imports stand for.
 *
 * @param imports in the order of the module: {@link HostEntry} or {@link Extern}
 */
record LinkedModuleImpl(ModuleImpl module, List<Object> imports) implements LinkedModule {
    @Override
    public Instance instantiate(Store store) {
        if (!(store instanceof StoreImpl target) || target.engine != module.engine()) {
            throw new IllegalArgumentException("the store belongs to another engine than module " + module.name());
        }
        for (Object definition : imports) {
            if (definition instanceof Extern extern && extern.store() != store) {
                throw new IllegalArgumentException("module " + module.name() + " is linked with " + extern
                        + " of another store; instantiate it there");
            }
        }
        FlightEvents.Instantiate event = FlightEvents.beginInstantiate();
        InstanceImpl instance = target.execution().within(0, new Execution.Action<>() {
            @Override
            public InstanceImpl run(long block) {
                return target.execution().instantiate(module, imports);
            }
        });
        FlightEvents.end(event, module);
        return instance;
    }
}
