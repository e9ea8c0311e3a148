package org.sallyport.text.wast;

import java.util.List;
import java.util.Set;
import org.sallyport.LoadLimits;
import org.sallyport.spi.Loader;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.Feature;

/** Loads and validates, and runs nothing: for the assertions about malformed and invalid modules. */
public final class ValidatingHost implements ScriptHost<ValidModule, Void> {
    private final Loader loader;
    private final Validator validator;
    private final Set<Feature> features;

    public ValidatingHost(Loader loader, Validator validator, Set<Feature> features) {
        this.loader = loader;
        this.validator = validator;
        this.features = Set.copyOf(features);
    }

    @Override
    public ValidModule compile(byte[] binary) {
        return validator.validate(loader.load(binary, features, LoadLimits.DEFAULT), features);
    }

    @Override
    public Void instantiate(ValidModule module) {
        throw new UnsupportedOperationException("validation only");
    }

    @Override
    public void register(String name, Void instance) {
        throw new UnsupportedOperationException("validation only");
    }

    @Override
    public List<Value> invoke(Void instance, String function, List<Value> arguments) {
        throw new UnsupportedOperationException("validation only");
    }

    @Override
    public Value get(Void instance, String global) {
        throw new UnsupportedOperationException("validation only");
    }
}
