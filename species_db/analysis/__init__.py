"""What a survey's records say: effort, independent events, indices, histories, intervals."""
