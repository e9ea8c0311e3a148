package org.sallyport.engine;

/** An instance of machine code. */
final class NativeInstance extends InstanceImpl {
    private final NativeExecution execution;
    private final NativeModule module;
    private final long vmctx;

    /** @param vmctx address of its context */
    NativeInstance(NativeExecution execution, NativeModule module, long vmctx) {
        super(execution.store, module);
        this.execution = execution;
        this.module = module;
        this.vmctx = vmctx;
    }

    NativeModule nativeModule() {
        return module;
    }

    long vmctx() {
        return vmctx;
    }

    @Override
    protected FuncImpl newFunction(int index) {
        return new NativeFunc(
                execution,
                module.funcType(index),
                module.funcTypeId(index),
                module.functionName(index),
                module.codeAddress(index),
                vmctx,
                null,
                referenceOf(index),
                module.isBrief(index),
                module.trampolines());
    }

    /** Address of the reference record of a function; 0 if it has none in this instance. */
    private long referenceOf(int function) {
        int at = module.layout().funcRef(function);
        return at < 0 ? 0 : vmctx + at;
    }

    @Override
    protected long functionReference(int function) {
        long record = referenceOf(function);
        return record != 0 ? record : function(function).reference();
    }

    @Override
    protected int escapingFunctions() {
        return module.layout().funcRefCount();
    }

    @Override
    protected FuncImpl escapingFunction(int i) {
        return function(module.layout().funcRefFunction(i));
    }
}
