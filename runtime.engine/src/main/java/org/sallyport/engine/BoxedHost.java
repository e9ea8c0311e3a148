package org.sallyport.engine;

import java.util.List;

import org.sallyport.Caller;
import org.sallyport.HostFunction;
import org.sallyport.spi.CallBlock;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.ValType;

/** A host function over boxed values. */
final class BoxedHost extends HostEntry {
    private final HostFunction function;

    BoxedHost(EngineImpl engine, String name, FuncType type, HostFunction function) {
        super(engine, name, type);
        this.function = function;
    }

    @Override
    void call(NativeExecution execution, long args) throws Throwable {
        List<ValType> params = type().params();
        Object[] values = new Object[params.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Values.read(execution.store, params.get(i), CallBlock.slot(args, i));
        }
        Object[] results = check(function.call(execution.caller(), values));
        for (int i = 0; i < results.length; i++) {
            Values.write(execution.store, type().results().get(i), CallBlock.slot(args, i), results[i]);
        }
    }

    @Override
    public Object[] callDirectly(Caller caller, Object[] args) throws Throwable {
        return check(function.call(caller, args));
    }

    private Object[] check(Object[] results) {
        if (results.length != type().results().size()) {
            throw new IllegalStateException("host function " + name() + " must return " + type().results().size()
                    + " values, it returned " + results.length);
        }
        return results;
    }
}
