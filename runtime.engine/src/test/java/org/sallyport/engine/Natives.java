package org.sallyport.engine;

import org.sallyport.Engine;
import org.sallyport.Func;
import org.sallyport.Module;
import org.sallyport.Store;

/** What is machine code's of the objects of an engine. */
public final class Natives {
    private Natives() {}

    public static NativeMachinery of(Engine engine) {
        return (NativeMachinery) ((EngineImpl) engine).machinery();
    }

    static NativeExecution of(Store store) {
        return (NativeExecution) ((StoreImpl) store).execution();
    }

    static NativeModule of(Module module) {
        return (NativeModule) module;
    }

    static long code(Func func) {
        return ((NativeFunc) func).code();
    }
}
