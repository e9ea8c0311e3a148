/** Proves that a module is valid. */
module org.sallyport.validator {
    requires org.sallyport.api;

    provides org.sallyport.spi.Validator with org.sallyport.validator.ModuleValidator;
}
