"""What the NIH ChestX-ray14 labels say of real frontal chest films: frozen features, a linear head for each fold of patients."""
