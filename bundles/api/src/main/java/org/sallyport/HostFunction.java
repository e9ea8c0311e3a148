package org.sallyport;

/** A host function over boxed values (see {@link Linker} for the Java types). Exceptions end the guest's call. */
@FunctionalInterface
public interface HostFunction {
    /**
     * @param caller valid until this method returns
     * @return as many values as the type has results
     */
    Object[] call(Caller caller, Object[] args) throws Throwable;
}
